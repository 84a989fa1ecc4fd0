//! A script's host, by what it asks for and how it ends.

mod asked;
mod ends;
mod hostile;
mod misuse;
mod options;
mod order;
mod places;
mod primitives;
mod rejections;
mod results;
mod sandbox;
mod session;
mod timers;
mod verified;
mod web;
mod workflows;
