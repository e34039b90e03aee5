//! What the program says about a lane: the fixed part of the order that it may want, and the nodes that give the rest at each decision.
use super::reason::OrderKind;
use super::size::SizeUnit;
use super::want::{Exits, Want};
use crate::money::Scale;
use crate::signal::orders::ExitNodes;

/// The rule of one lane.
#[derive(Debug, Clone, Copy)]
pub struct LaneRule {
    /// Everything that never changes; sizes, prices and exits are 0.
    pub fixed: Want,
    /// Node of the size.
    pub size: usize,
    /// Node of the loss of one unit, for risk.
    pub per_unit: Option<usize>,
    /// Node of the limit price.
    pub price: Option<usize>,
    /// Node of the trigger.
    pub trigger: Option<usize>,
    /// Node of the trailing distance.
    pub distance: Option<usize>,
    /// Condition whose rising edge sends; none = it should work always.
    pub when: Option<usize>,
    /// Condition that cancels.
    pub until: Option<usize>,
    /// Nodes of the exits.
    pub exits: ExitNodes,
}

impl LaneRule {
    /// Returns the order wanted now; none where the key is absent: a number it needs is missing or below one unit.
    pub fn read(&self, scale: &Scale, value: impl Fn(usize) -> f64) -> Option<Want> {
        let mut want = self.fixed;
        want.size = Some(want.unit.quantise(scale, value(self.size))).filter(|&size| size > 0)?;
        let ticks = |node: usize| scale.ticks(value(node)).filter(|&ticks| ticks > 0);
        if let Some(node) = self.price {
            want.price = scale.limit_ticks(value(node), want.side).filter(|&ticks| ticks > 0)?;
        }
        if let Some(node) = self.trigger {
            want.trigger = ticks(node)?;
        }
        if let Some(node) = self.distance {
            want.distance = ticks(node)?;
        }
        if want.unit == SizeUnit::Risk {
            want.per_unit = ticks(self.per_unit?)?;
        }
        let exit = |node: Option<usize>| node.map_or(Some(0), ticks);
        let ExitNodes { stop, trail, take, stop_at, take_at } = self.exits;
        want.exits = Exits { stop: exit(stop)?, trail: exit(trail)?, take: exit(take)?, stop_at: exit(stop_at)?, take_at: exit(take_at)? };
        debug_assert!(want.kind != OrderKind::Trailing || want.distance > 0, "a trailing order has a distance");
        Some(want)
    }
}
