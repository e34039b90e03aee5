//! Where outputs live: columns assigned by liveness, so that the working set stays inside the cache.

use super::op::Op;
use super::plan::{Item, Plan, StagePlan};
use super::program::Program;

/// The column of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) enum Home {
    /// None: the node does not run, or lives in cells only.
    #[default]
    None,
    /// A column of one number, filled once.
    Const,
    /// A temporary column, shared by all assets.
    Temp(usize),
    /// A column of each asset.
    Wide(usize),
    /// The columns of a node of other signals.
    Shared(usize),
}

/// The assignment.
#[derive(Default)]
pub(crate) struct Slots {
    pub home: Vec<Home>,
    pub temps: usize,
    pub wides: usize,
}

/// A pool of numbered columns: the one freed last is the one taken next, as it is still in the cache.
#[derive(Default)]
struct Pool {
    free: Vec<usize>,
    size: usize,
}

impl Pool {
    fn take(&mut self) -> usize {
        self.free.pop().unwrap_or_else(|| {
            self.size += 1;
            self.size - 1
        })
    }
}

/// When a column is written and read, in stages.
struct Life {
    /// The stage that writes it; `None` if no static stage does.
    born: Option<usize>,
    /// The last stage that reads it.
    last: usize,
    /// Whether it must keep its own memory for each asset.
    wide: bool,
    /// Whether something outside its own loop reads it.
    seen: bool,
    /// Whether the caller or the feedback part reads it.
    pinned: bool,
}

/// Assigns a column to every node that needs one.
pub(crate) fn assign(program: &Program, plan: &Plan) -> Slots {
    let lives = lives(program, plan);
    let mut slots = Slots { home: vec![Home::None; program.nodes.len()], ..Slots::default() };
    for (index, node) in program.nodes.iter().enumerate() {
        match node.op {
            Op::Const(_) if plan.graph.live(index) => slots.home[index] = Home::Const,
            Op::Shared(other) if plan.graph.live(index) => slots.home[index] = Home::Shared(other),
            _ => {}
        }
    }
    assign_wide(&lives, plan, &mut slots);
    assign_temp(program, &lives, plan, &mut slots);
    slots
}

/// Visits every static reader: `visit(stage, reader, input)`.
fn each_read(program: &Program, plan: &Plan, mut visit: impl FnMut(usize, &Item, usize)) {
    for (stage, StagePlan { segments, cross }) in plan.stages.iter().enumerate() {
        let crossing = cross.iter().map(|&node| Item::one(node));
        for item in segments.iter().flat_map(|segment| &segment.items).cloned().chain(crossing) {
            for &input in item.nodes.iter().flat_map(|&node| &program.nodes[node].inputs) {
                visit(stage, &item, input);
            }
        }
    }
}

fn lives(program: &Program, plan: &Plan) -> Vec<Life> {
    let mut lives: Vec<Life> =
        (0..program.nodes.len()).map(|_| Life { born: None, last: 0, wide: false, seen: false, pinned: false }).collect();
    plan.loads.iter().for_each(|&node| lives[node].born = Some(0));
    for (stage, StagePlan { segments, cross }) in plan.stages.iter().enumerate() {
        let own = segments.iter().flat_map(|segment| &segment.items).flat_map(|item| &item.nodes);
        own.chain(cross).for_each(|&node| {
            lives[node].born = Some(stage);
            lives[node].last = stage;
        });
        cross.iter().for_each(|&node| lives[node].wide = true);
    }
    each_read(program, plan, |stage, item, input| {
        let life = &mut lives[input];
        life.last = life.last.max(stage);
        life.seen |= !item.nodes.contains(&input);
        life.wide |= life.born != Some(stage) || program.nodes[item.nodes[0]].op.is_cross();
    });
    for &node in plan.outputs.iter().chain(&plan.row_imports) {
        lives[node] = Life { wide: true, seen: true, pinned: true, ..lives[node] };
    }
    lives
}

fn assign_wide(lives: &[Life], plan: &Plan, slots: &mut Slots) {
    let mut pool = Pool::default();
    let wide = |node: &usize| lives[*node].wide && lives[*node].seen;
    for stage in 0..plan.stages.len() {
        for node in (0..lives.len())
            .filter(wide)
            .filter(|&node| lives[node].born == Some(stage) && slots.home[node] == Home::None)
            .collect::<Vec<_>>()
        {
            slots.home[node] = Home::Wide(pool.take());
        }
        for node in
            (0..lives.len()).filter(wide).filter(|&node| lives[node].born.is_some() && !lives[node].pinned && lives[node].last == stage)
        {
            if let Home::Wide(slot) = slots.home[node] {
                pool.free.push(slot);
            }
        }
    }
    // Outputs of the feedback part are born nowhere in the static part.
    for &node in &plan.outputs {
        if slots.home[node] == Home::None {
            slots.home[node] = Home::Wide(pool.size);
            pool.size += 1;
        }
    }
    slots.wides = pool.size;
}

fn assign_temp(program: &Program, lives: &[Life], plan: &Plan, slots: &mut Slots) {
    for (stage, StagePlan { segments, .. }) in plan.stages.iter().enumerate() {
        let items: Vec<&Item> = segments.iter().flat_map(|segment| &segment.items).collect();
        let inputs = |item: &Item| item.nodes.iter().flat_map(|&node| program.nodes[node].inputs.clone()).collect::<Vec<_>>();
        let mut last = vec![0; lives.len()];
        for (position, item) in items.iter().enumerate() {
            inputs(item).into_iter().for_each(|input| last[input] = position);
        }
        let mut pool = Pool::default();
        let take = |node: usize, home: &mut Vec<Home>, pool: &mut Pool| {
            if home[node] == Home::None && lives[node].seen && lives[node].born == Some(stage) {
                home[node] = Home::Temp(pool.take());
            }
        };
        plan.loads.iter().for_each(|&node| take(node, &mut slots.home, &mut pool));
        for (position, item) in items.iter().enumerate() {
            item.nodes.iter().for_each(|&node| take(node, &mut slots.home, &mut pool));
            let mut done = inputs(item);
            done.sort_unstable();
            done.dedup();
            for node in done {
                if let (Home::Temp(slot), true) = (slots.home[node], last[node] == position && lives[node].born == Some(stage)) {
                    pool.free.push(slot);
                }
            }
        }
        slots.temps = slots.temps.max(pool.size);
    }
}

/// Replays the plan and checks that every reader finds the column it expects.
pub(crate) fn check(program: &Program, plan: &Plan) -> Result<(), String> {
    let Slots { home, temps, wides } = &plan.slots;
    let (mut temp, mut wide) = (vec![usize::MAX; *temps], vec![usize::MAX; *wides]);
    let write = |node: usize, temp: &mut [usize], wide: &mut [usize]| match home[node] {
        Home::Temp(slot) => temp[slot] = node,
        Home::Wide(slot) => wide[slot] = node,
        Home::Const | Home::Shared(_) | Home::None => {}
    };
    let read = |node: usize, temp: &[usize], wide: &[usize]| match home[node] {
        Home::Temp(slot) if temp[slot] != node => Err(format!("node {node} was overwritten by {}", temp[slot])),
        Home::Wide(slot) if wide[slot] != node => Err(format!("node {node} was overwritten by {}", wide[slot])),
        Home::None => Err(format!("node {node} has no column")),
        _ => Ok(()),
    };
    plan.loads.iter().for_each(|&node| write(node, &mut temp, &mut wide));
    for StagePlan { segments, cross } in &plan.stages {
        let crossing = cross.iter().map(|&node| Item::one(node));
        for item in segments.iter().flat_map(|segment| &segment.items).cloned().chain(crossing) {
            let inputs: Vec<usize> = item
                .nodes
                .iter()
                .flat_map(|&node| program.nodes[node].inputs.clone())
                .filter(|input| !item.nodes.contains(input))
                .collect();
            inputs.iter().try_for_each(|&input| read(input, &temp, &wide))?;
            item.nodes.iter().for_each(|&node| write(node, &mut temp, &mut wide));
            // What is read in the same call must not have been overwritten by its outputs.
            inputs.iter().try_for_each(|&input| read(input, &temp, &wide))?;
        }
    }
    let kept = plan.row_imports.iter().chain(plan.outputs.iter().filter(|&&node| !plan.graph.by_row[node]));
    kept.copied().try_for_each(|node| read(node, &temp, &wide))
}
