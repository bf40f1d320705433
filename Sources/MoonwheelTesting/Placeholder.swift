// MoonwheelTesting
