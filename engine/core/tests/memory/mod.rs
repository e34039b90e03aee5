//! Rings, queues, pools and depots: what they promise alone, against a plain model, and between many threads.

mod crowd;
mod model;
mod order;
