import ArgumentParser
import Moonwheel
@main struct M: ParsableCommand { func run() { print("x") } }
