// MoonwheelCore
