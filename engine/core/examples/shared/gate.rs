//! A desk that holds four positions under a policy with every control on, none of which binds: what the gate costs when an order passes.

#[allow(dead_code)]
#[path = "../../tests/support/hand.rs"]
mod hand;

use bot4_engine::config::{Config, Realism};
use bot4_engine::desk::Desk;
use bot4_engine::desk::breaker::settings::Settings;
use bot4_engine::desk::guard::policy::Policy;
use bot4_engine::desk::records::Records;
use bot4_engine::instrument::InstrumentKind;
use bot4_engine::money::{AMOUNT_SCALE, E9};
use hand::{HOUR, Rules, TARGET, Table, World, config, desk, step};

/// Instruments, each with a position.
pub const ASSETS: usize = 4;
/// Bars of the past.
const ROWS: usize = 300;

/// Every control of the guard, wide enough to let an order pass.
fn policy() -> Policy {
    let wide = Some(1_000 * E9);
    let each = |lots: i64| Some(vec![Some(lots); ASSETS]);
    Policy {
        losing_streak: Some(1_000),
        repeated_orders: Some(1_000_000),
        strategy_daily_loss_e9: Some(E9),
        strategy_drawdown_e9: Some(E9),
        hourly_loss_e9: Some(E9),
        daily_loss_e9: Some(E9),
        total_loss_e9: Some(E9),
        drawdown_e9: Some(E9),
        var_breach_e9: wide,
        correlation_break_e9: Some(E9),
        risk_per_trade_e9: Some(E9),
        max_leverage_e9: wide,
        max_notional: Some(100_000 * AMOUNT_SCALE),
        volume_share_e9: Some(E9),
        allowed: Some(vec![true; ASSETS]),
        orders_per_minute: Some(1_000_000),
        orders_per_day: Some(1_000_000),
        messages_per_minute: Some(1_000_000),
        price_collar_e9: Some(E9),
        collar_window_e9: Some(E9),
        collar_bars: None,
        duplicate_ms: Some(HOUR),
        self_match: true,
        max_age_ms: Some(HOUR),
        max_move_e9: Some(E9),
        max_exposure: Some(100_000 * AMOUNT_SCALE),
        concentration_e9: wide,
        max_positions: Some(ASSETS as i64),
        max_quantity: each(1_000_000_000),
        max_position: each(1_000_000_000),
        daily_volume: each(1_000_000_000),
        span: Some(100),
        correlation_e9: Some(E9),
        volatility_target_e9: wide,
        heat_e9: wide,
        kelly_e9: wide,
        kelly_trades: None,
        value_at_risk_e9: wide,
        expected_shortfall_e9: wide,
        venue_stop_e9: Some(E9 / 2),
        breakers: Some(Settings { venue_of: vec![0; ASSETS], ..Settings::default() }),
    }
}

/// The desk after its past, the time of its last decision and each instrument's close in ticks.
pub struct Stand {
    pub desk: Desk,
    pub t: i64,
    pub ticks: [i64; ASSETS],
}

/// Takes the desk through its past: prices walk apart from each other, positions are a tenth of equity.
pub fn stand(guarded: bool) -> Stand {
    let mut seed = 7u64;
    let mut walk = || {
        let mut price = 10_000i64;
        let closes = (0..ROWS).map(|_| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            price += (seed >> 33) as i64 % 101 - 50;
            [price as f64 / 100.0; 4]
        });
        closes.collect::<Vec<_>>()
    };
    // The risk model must know an instrument before anything is opened of it.
    let target = [vec![0.0; ROWS / 2], vec![0.1]].concat();
    let tables: Vec<Table> = (0..ASSETS).map(|_| Table { bars: walk(), volume: 1e6, target: target.clone(), ..Table::default() }).collect();
    let ticks = std::array::from_fn(|asset| (tables[asset].bars[ROWS - 1][3] * 100.0).round() as i64);
    let config = Config { policy: guarded.then(policy), ..config(Realism::Strict) };
    let mut desk = desk(InstrumentKind::Linear, Rules::targets(TARGET, ASSETS), &config, false);
    let (world, mut records) = (World(tables), Records::default());
    (0..ROWS).for_each(|row| step(&mut desk, &world, row, true, &mut records));
    assert!(desk.ledger().positions.iter().all(|position| position.lots != 0), "every instrument has a position");
    Stand { desk, t: ROWS as i64 * HOUR, ticks }
}

impl Stand {
    /// Asks the gate about orders to buy, instrument by instrument; returns the lots that passed.
    pub fn ask(&mut self, first: usize, count: usize) -> i64 {
        let mut passed = 0;
        for number in first..first + count {
            let asset = number % ASSETS;
            let lots = 10 + (number % 7) as i64;
            let (allowed, _) = self.desk.would_pass(self.t, asset, lots, self.ticks[asset]).expect("every amount fits");
            passed += allowed;
        }
        passed
    }
}
