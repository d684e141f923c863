mod api;
mod check;
mod contract;
mod dump;
mod pages;
mod sockets;
mod support;
mod words;
