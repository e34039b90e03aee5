//! Accounts by hand: funding, wallets, loans, margin and liquidation on tables small enough to reckon, against venues' documents.
mod books;
mod funding;
mod harness;
mod liquidation;
mod properties;
mod stream;
mod venues;
mod wallets;
