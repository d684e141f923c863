//! End to end: the real binary as a child process, real sockets, simulated registers, and all that can go wrong.

#[path = "e2e/life.rs"]
mod life;
