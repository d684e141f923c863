mod api;
mod check;
mod contract;
mod pages;
mod sockets;
mod support;
mod words;
