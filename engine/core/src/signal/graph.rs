//! The program as a graph: what is needed, for which asset, what loops through `state`, and what must run row by row.

use super::op::Op;
use super::program::Program;

/// Who needs a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// Nobody: it does not run.
    Nobody,
    /// One asset.
    One(usize),
    /// Every asset.
    All,
}

impl Need {
    fn join(self, other: Self) -> Self {
        match (self, other) {
            (Self::Nobody, need) | (need, Self::Nobody) => need,
            (a, b) if a == b => a,
            _ => Self::All,
        }
    }

    /// Returns whether the asset is among them.
    pub fn includes(self, asset: usize) -> bool {
        self == Self::All || self == Self::One(asset)
    }
}

/// What the planner knows of each node before it orders anything.
pub(crate) struct Graph {
    pub need: Vec<Need>,
    /// Number of the state loop a node belongs to.
    pub cycle: Vec<Option<usize>>,
    /// Whether the node runs row by row on the grid: it descends from the book, or from a state loop that crosses assets.
    pub by_row: Vec<bool>,
}

impl Graph {
    /// Studies the program for the wanted outputs.
    pub fn new(program: &Program, outputs: &[usize]) -> Self {
        let need = needs(program, outputs);
        let cycle = cycles(program, &need);
        let mut by_row: Vec<bool> = (0..program.nodes.len())
            .map(|node| {
                let crossing = |id| (0..need.len()).any(|other| cycle[other] == Some(id) && program.nodes[other].op.is_cross());
                program.nodes[node].op.is_book() || cycle[node].is_some_and(crossing)
            })
            .collect();
        program.spread(&mut by_row);
        Self { need, cycle, by_row }
    }

    /// Returns whether the node runs at all.
    pub fn live(&self, node: usize) -> bool {
        self.need[node] != Need::Nobody
    }
}

/// Walks back from the outputs until nothing changes; `state` edges lead forward, hence the loop.
fn needs(program: &Program, outputs: &[usize]) -> Vec<Need> {
    let own = |node: usize, need: Need| match (program.nodes[node].only, &program.nodes[node].op) {
        (Some(asset), _) => Need::One(asset),
        (None, Op::Cross(_)) => Need::All,
        (None, _) => need,
    };
    let mut need = vec![Need::Nobody; program.nodes.len()];
    outputs.iter().for_each(|&node| need[node] = own(node, Need::All));
    loop {
        let before = need.clone();
        for (index, node) in program.nodes.iter().enumerate().rev() {
            if need[index] == Need::Nobody {
                continue;
            }
            let passed = match node.op {
                Op::Pick(asset) | Op::PickEvent(asset) => Need::One(asset),
                _ => need[index],
            };
            for &input in &node.inputs {
                need[input] = own(input, need[input].join(passed));
            }
        }
        if need == before {
            return need;
        }
    }
}

/// Numbers the state loops: the nodes that a `state` reaches and that reach it.
fn cycles(program: &Program, need: &[Need]) -> Vec<Option<usize>> {
    let count = program.nodes.len();
    let mut users = vec![Vec::new(); count];
    for (index, node) in program.nodes.iter().enumerate() {
        node.inputs.iter().for_each(|&input| users[input].push(index));
    }
    let mut cycle = vec![None; count];
    for (index, node) in program.nodes.iter().enumerate() {
        if !matches!(node.op, Op::State(_)) || need[index] == Need::Nobody || cycle[index].is_some() {
            continue;
        }
        let after = reach(index, |node| users[node].as_slice(), count);
        if !after[node.inputs[0]] {
            continue;
        }
        let before = reach(index, |node| program.nodes[node].inputs.as_slice(), count);
        (0..count).filter(|&other| after[other] && before[other]).for_each(|other| cycle[other] = Some(index));
    }
    cycle
}

/// Marks what can be reached from `start`, itself included.
fn reach<'a>(start: usize, edges: impl Fn(usize) -> &'a [usize], count: usize) -> Vec<bool> {
    let mut seen = vec![false; count];
    let mut open = vec![start];
    while let Some(node) = open.pop() {
        if !std::mem::replace(&mut seen[node], true) {
            open.extend_from_slice(edges(node));
        }
    }
    seen
}
