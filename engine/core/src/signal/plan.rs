//! The plan: in which order the nodes run and where their outputs live, the same for every asset.
//!
//! The static part is cut into *stages*. Inside a stage every asset runs its own nodes, slower clocks first; between stages stand the nodes that join
//! assets (`pick`, cross-sections). A column that is read only inside its stage is temporary: assets take turns on one set of temporary columns, reused
//! as soon as their last reader has run. A column that crosses a stage, or that the caller or the feedback part reads, exists once for each asset.

use super::bank;
use super::graph::Graph;
use super::op::Op;
use super::program::Program;
use super::slots::{self, Slots};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// What runs as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// One node.
    One,
    /// The nodes of a state loop, in their order.
    Loop,
    /// Averages side by side.
    Bank,
}

/// Nodes that run as one.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    pub nodes: Vec<usize>,
    pub shape: Shape,
}

impl Item {
    /// Makes the item of one node.
    pub fn one(node: usize) -> Self {
        Self { nodes: vec![node], shape: Shape::One }
    }
}

/// Items of one clock that run one after the other.
pub(crate) struct SegmentPlan {
    pub clock: usize,
    pub items: Vec<Item>,
}

/// One stage of the static part.
#[derive(Default)]
pub(crate) struct StagePlan {
    pub segments: Vec<SegmentPlan>,
    /// Nodes across assets that run after every asset has run the segments.
    pub cross: Vec<usize>,
}

/// One stage of the feedback part.
#[derive(Default)]
pub(crate) struct RowStagePlan {
    pub nodes: Vec<usize>,
    pub cross: Vec<usize>,
}

/// The whole plan.
pub(crate) struct Plan {
    pub graph: Graph,
    pub stages: Vec<StagePlan>,
    pub row_stages: Vec<RowStagePlan>,
    /// Live nodes of the feedback part, states, positions and accounts included.
    pub row_nodes: Vec<usize>,
    /// Columns that the feedback part reads.
    pub row_imports: Vec<usize>,
    /// Columns of bars, on any clock, that something reads.
    pub loads: Vec<usize>,
    pub outputs: Vec<usize>,
    pub slots: Slots,
}

impl Plan {
    /// Plans the program for the wanted outputs.
    ///
    /// # Errors
    /// Returns one sentence if an output cannot be handed out.
    pub fn new(program: &Program, outputs: &[usize]) -> Result<Self, String> {
        let mut outputs = outputs.to_vec();
        outputs.sort_unstable();
        outputs.dedup();
        for &node in &outputs {
            let spec = program
                .nodes
                .get(node)
                .ok_or_else(|| format!("output node {node} does not exist; the program has {} nodes", program.nodes.len()))?;
            if spec.clock != 0 && !matches!(spec.op, Op::Const(_)) {
                return Err(format!("output node {node} (`{}`) is on clock {}; carry it to the base clock first", spec.name, spec.clock));
            }
        }
        let graph = Graph::new(program, &outputs);
        let nodes = 0..program.nodes.len();
        let constant = |node: &usize| matches!(program.nodes[*node].op, Op::Const(_));
        let row_nodes: Vec<usize> = nodes.clone().filter(|&node| graph.live(node) && graph.by_row[node]).collect();
        let mut row_imports: Vec<usize> = row_nodes
            .iter()
            .flat_map(|&node| &program.nodes[node].inputs)
            .copied()
            .filter(|input| !graph.by_row[*input] && !constant(input))
            .collect();
        row_imports.sort_unstable();
        row_imports.dedup();
        let loads = nodes.filter(|&node| graph.live(node) && matches!(program.nodes[node].op, Op::Col(_) | Op::Feature(_))).collect();
        let items = order(program, &graph);
        let stages = stages(program, &graph, items);
        let row_stages = row_stages(program, &row_nodes, &graph);
        let mut plan = Self { graph, stages, row_stages, row_nodes, row_imports, loads, outputs, slots: Slots::default() };
        plan.slots = slots::assign(program, &plan);
        debug_assert_eq!(slots::check(program, &plan), Ok(()));
        Ok(plan)
    }
}

/// Orders the static part: every item after its inputs, otherwise as the program lists them.
fn order(program: &Program, graph: &Graph) -> Vec<Item> {
    let count = program.nodes.len();
    let is_static = |node: usize| graph.live(node) && !graph.by_row[node];
    // An item stands under its first node; `state` outside a loop waits for its input like any other node.
    let mut first_of_cycle = vec![usize::MAX; count];
    for node in (0..count).rev() {
        graph.cycle[node].into_iter().for_each(|id| first_of_cycle[id] = node);
    }
    let home = |node: usize| graph.cycle[node].map_or(node, |id| first_of_cycle[id]);
    let mut members = vec![Vec::new(); count];
    let mut waiting = vec![0_usize; count];
    let mut users = vec![Vec::new(); count];
    for node in (0..count).filter(|&node| is_static(node)) {
        members[home(node)].push(node);
        for &input in program.nodes[node].inputs.iter().filter(|&&input| home(input) != home(node)) {
            users[home(input)].push(home(node));
            waiting[home(node)] += 1;
        }
    }
    let mut ready: BinaryHeap<Reverse<usize>> =
        (0..count).filter(|&item| !members[item].is_empty() && waiting[item] == 0).map(Reverse).collect();
    let mut items = Vec::new();
    while let Some(Reverse(item)) = ready.pop() {
        for &user in &users[item] {
            waiting[user] -= 1;
            if waiting[user] == 0 {
                ready.push(Reverse(user));
            }
        }
        let nodes = std::mem::take(&mut members[item]);
        let shape = if graph.cycle[nodes[0]].is_some() { Shape::Loop } else { Shape::One };
        items.push(Item { nodes, shape });
    }
    items
}

/// Cuts the ordered items into stages: what reads a cross node runs one stage after it.
fn stages(program: &Program, graph: &Graph, items: Vec<Item>) -> Vec<StagePlan> {
    let mut level = vec![0_usize; program.nodes.len()];
    let mut stages: Vec<StagePlan> = vec![StagePlan::default()];
    let clocks = program.clocks.len();
    let mut by_clock: Vec<Vec<Vec<Item>>> = vec![vec![Vec::new(); clocks]];
    for item in items {
        let inputs = item.nodes.iter().flat_map(|&node| &program.nodes[node].inputs).filter(|&&input| !item.nodes.contains(&input));
        let after = |input: &usize| level[*input] + usize::from(program.nodes[*input].op.is_cross());
        let stage = inputs.map(after).max().unwrap_or(0);
        item.nodes.iter().for_each(|&node| level[node] = stage);
        while stages.len() <= stage {
            stages.push(StagePlan::default());
            by_clock.push(vec![Vec::new(); clocks]);
        }
        let node = &program.nodes[item.nodes[0]];
        debug_assert!(graph.live(item.nodes[0]));
        match node.op {
            Op::Const(_) | Op::Col(_) | Op::Feature(_) | Op::Shared(_) => {}
            op if op.is_cross() => stages[stage].cross.push(item.nodes[0]),
            _ => by_clock[stage][node.clock].push(item),
        }
    }
    for (stage, by_clock) in stages.iter_mut().zip(by_clock) {
        let segments = by_clock.into_iter().enumerate().rev().filter(|(_, items)| !items.is_empty());
        stage.segments = segments.map(|(clock, items)| SegmentPlan { clock, items: banks(program, graph, items) }).collect();
    }
    stages
}

/// Joins averages that wait for nothing in this list before the first of them into banks.
fn banks(program: &Program, graph: &Graph, items: Vec<Item>) -> Vec<Item> {
    let is_lane = |item: &Item| item.shape == Shape::One && bank::is_lane(&program.nodes[item.nodes[0]].name);
    let mut pending: Vec<bool> = vec![false; program.nodes.len()];
    items.iter().flat_map(|item| &item.nodes).for_each(|&node| pending[node] = true);
    let mut out: Vec<Item> = Vec::with_capacity(items.len());
    for (at, item) in items.iter().enumerate() {
        if !pending[item.nodes[0]] {
            continue;
        }
        let mut item = item.clone();
        if is_lane(&item) {
            let first = item.nodes[0];
            let ready = |other: &&Item| {
                let node = other.nodes[0];
                is_lane(other)
                    && pending[node]
                    && graph.need[node] == graph.need[first]
                    && program.nodes[node].inputs.iter().all(|&input| !pending[input])
            };
            let others: Vec<usize> = items[at + 1..].iter().filter(ready).map(|other| other.nodes[0]).take(bank::LANES - 1).collect();
            if !others.is_empty() {
                item.nodes.extend(others);
                item.shape = Shape::Bank;
            }
        }
        item.nodes.iter().for_each(|&node| pending[node] = false);
        out.push(item);
    }
    out
}

/// Orders the feedback part. States, positions and accounts are filled before the row, so the program's own order serves.
fn row_stages(program: &Program, row_nodes: &[usize], graph: &Graph) -> Vec<RowStagePlan> {
    let mut level = vec![0_usize; program.nodes.len()];
    let mut stages: Vec<RowStagePlan> = Vec::new();
    for &index in row_nodes {
        let node = &program.nodes[index];
        if matches!(node.op, Op::State(_)) || node.op.is_book() {
            continue;
        }
        let after = |input: &usize| level[*input] + usize::from(graph.by_row[*input] && program.nodes[*input].op.is_cross());
        let stage = node.inputs.iter().map(after).max().unwrap_or(0);
        level[index] = stage;
        while stages.len() <= stage {
            stages.push(RowStagePlan::default());
        }
        let list = if node.op.is_cross() { &mut stages[stage].cross } else { &mut stages[stage].nodes };
        list.push(index);
    }
    stages
}
