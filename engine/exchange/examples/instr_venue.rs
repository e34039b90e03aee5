//! Instructions of 20,000 commands in exchange-core's mix through the venue: accounts, filters, reports and all.
//! Counted by `python -m scripts.instructions`.

#[path = "shared/mix.rs"]
mod mix;

use bot4_exchange::venue::Exchange;

const COMMANDS: usize = 20_000;

/// Does the commands; only this is counted.
#[inline(never)]
fn instr_section(venue: &mut Exchange, commands: &[mix::Request]) -> u64 {
    mix::carry_out(venue, commands, mix::LIVE)
}

fn main() {
    let (commands, trades) = mix::stream(COMMANDS);
    let mut venue = mix::venue();
    mix::carry_out(&mut venue, &commands[..mix::LIVE], 0);
    let told = instr_section(&mut venue, &commands[mix::LIVE..]);
    assert!(told > 4 * COMMANDS as u64 && trades > 1_000, "{told} reports, {trades} trades");
}
