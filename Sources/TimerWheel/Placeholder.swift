// TimerWheel
