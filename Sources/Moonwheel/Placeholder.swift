// Moonwheel
