//! From the program's keyed orders to the desk's lanes.
use crate::desk::lane_rule::LaneRule;
use crate::desk::lanes::{LaneBook, LaneSetup};
use crate::desk::want::{Exits, Expiry, Want};
use crate::signal::op::Op;
use crate::signal::orders::{Expires, KeyedOrder};
use crate::signal::program::Program;

/// Returns whether a keyed order addresses the asset.
pub fn addresses(program: &Program, asset: usize) -> bool {
    program.orders.iter().any(|order| order.asset.is_none_or(|only| only == asset))
}

/// Builds the lanes of a program over its assets.
pub fn book(program: &Program) -> LaneBook {
    let assets = program.symbols.len();
    if program.orders.is_empty() {
        return LaneBook::empty(assets);
    }
    let mut groups: Vec<&str> = program.orders.iter().filter_map(|order| order.oco.as_deref()).collect();
    groups.sort_unstable();
    groups.dedup();
    let mut setups = Vec::new();
    for order in &program.orders {
        let group = order.oco.as_deref().and_then(|name| groups.binary_search(&name).ok()).map_or(0, |at| at as u32 + 1);
        let rule = rule(program, order, group);
        for asset in order.asset.map_or(0..assets, |asset| asset..asset + 1) {
            setups.push(LaneSetup { asset: asset as u32, key: order.key.clone(), rule, after: order.after.clone() });
        }
    }
    let settled = (0..assets).map(|asset| program.settled_orders(asset)).collect();
    LaneBook::of_program(setups, settled)
}

/// Returns, for each asset, the nodes that its keyed orders read and that can change.
pub fn watched(program: &Program) -> Vec<Vec<usize>> {
    let of = |asset: usize| {
        let orders = program.orders.iter().filter(move |order| order.asset.is_none_or(|only| only == asset));
        let mut nodes: Vec<usize> = orders.flat_map(KeyedOrder::nodes).collect();
        nodes.retain(|&node| !matches!(program.nodes[node].op, Op::Const(_)));
        nodes.sort_unstable();
        nodes.dedup();
        nodes
    };
    (0..program.symbols.len()).map(of).collect()
}

fn rule(program: &Program, order: &KeyedOrder, oco: u32) -> LaneRule {
    let share = if program.kind == "strategy" && order.asset.is_none() { program.symbols.len() as i64 } else { 1 };
    LaneRule {
        fixed: Want {
            side: order.side,
            kind: order.kind,
            tif: order.tif,
            expiry: match order.expires {
                None => Expiry::Never,
                Some(Expires::Bars(bars)) => Expiry::Bars(bars),
                Some(Expires::Ms(ms)) => Expiry::Ms(ms),
            },
            post_only: order.post_only,
            reduce_only: order.reduce_only,
            oco,
            unit: order.size.unit,
            size: 0,
            share,
            per_unit: 0,
            price: 0,
            trigger: 0,
            distance: 0,
            holds: order.has_exits(),
            exits: Exits::default(),
        },
        size: order.size.node,
        per_unit: order.size.per_unit,
        price: order.price,
        trigger: order.trigger,
        distance: order.distance,
        when: order.when,
        until: order.until,
        exits: order.exits,
    }
}
