//! Many programs as one graph: what they compute alike is computed once.
//!
//! The static nodes of all programs become one list without repeats: a node is known by what it does and by what it reads, a state loop as a
//! whole. What waits for the book cannot be shared; it stays with its program and reads the common columns in place ([`Op::Shared`]).
//! Whether a node stands in a small list or in a large one changes no bit of its output.

use super::graph::Graph;
use super::node::Warmup;
use super::nodes::switch;
use super::op::Op;
use super::program::{Node, Program};
use std::collections::HashMap;

/// Where a program's node is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Nowhere: the desk does not read it.
    Nowhere,
    /// In the common list, under this number.
    Common(usize),
    /// In the program's own part, under this number.
    Own(usize),
}

/// What stays with one program.
pub struct Own {
    /// Nodes that wait for the book, and where they read what does not.
    pub program: Program,
    /// The nodes that the desk reads.
    pub outputs: Vec<usize>,
}

/// One program's part in the whole.
pub struct Part {
    /// Where each node that the desk reads is computed.
    pub places: Vec<Place>,
    /// What waits for the book, if anything does.
    pub own: Option<Own>,
}

/// The common list of a set of programs over the same assets and base clock.
pub struct Merged {
    program: Program,
    known: HashMap<Vec<u8>, usize>,
    outputs: Vec<usize>,
}

/// Reads of a program while it is merged.
struct Source<'a> {
    program: &'a Program,
    graph: Graph,
    /// Number of each node in the common list, once it has one.
    at: Vec<Option<usize>>,
}

impl Merged {
    /// Makes an empty list.
    pub fn new(symbols: Vec<String>, interval_ms: i64) -> Self {
        let program = Program {
            kind: "expression".to_string(),
            interval_ms,
            rows: None,
            clocks: vec![interval_ms],
            rebalance: None,
            nodes: Vec::new(),
            targets: Vec::new(),
            entries: Vec::new(),
            legs: Vec::new(),
            orders: Vec::new(),
            symbols,
        };
        Self { program, known: HashMap::new(), outputs: Vec::new() }
    }

    /// Takes a program over the same assets in.
    pub fn add(&mut self, program: &Program) -> Part {
        let wanted = program.target_nodes();
        let graph = Graph::new(program, &wanted);
        let mut source = Source { program, graph, at: vec![None; program.nodes.len()] };
        let own = self.own(&mut source, &wanted);
        let mut places = vec![Place::Nowhere; program.nodes.len()];
        for &node in &wanted {
            places[node] = match own.as_ref().and_then(|(_, at)| at[node]) {
                Some(number) if source.graph.by_row[node] => Place::Own(number),
                _ => Place::Common(self.output(&mut source, node)),
            };
        }
        Part { places, own: own.map(|(own, _)| own) }
    }

    /// Returns the common list and the nodes of it that somebody reads.
    pub fn finish(mut self) -> (Program, Vec<usize>) {
        self.outputs.sort_unstable();
        self.outputs.dedup();
        self.fuse();
        (self.program, self.outputs)
    }

    /// Makes one node of a comparison and of the choice between two numbers that alone reads it: runs share neither.
    fn fuse(&mut self) {
        let nodes = &mut self.program.nodes;
        let mut readers = vec![0_usize; nodes.len()];
        nodes.iter().flat_map(|node| &node.inputs).chain(&self.outputs).for_each(|&node| readers[node] += 1);
        for at in (0..nodes.len()).filter(|&at| nodes[at].name == "where").collect::<Vec<_>>() {
            let [condition, yes, no] = nodes[at].inputs[..] else { continue };
            let (comparison, choice) = (&nodes[condition], &nodes[at]);
            let is_whole = readers[condition] == 1 && (comparison.clock, comparison.only) == (choice.clock, choice.only);
            let (Some(switch), Op::Const(yes), Op::Const(no)) = (switch::find(&comparison.name), nodes[yes].op, nodes[no].op) else {
                continue;
            };
            if is_whole && yes.is_finite() && no.is_finite() {
                let (name, inputs) = (switch.name.to_string(), comparison.inputs.clone());
                nodes[at] =
                    Node { name, op: Op::Local(switch), inputs, f: vec![yes, no], ..copy(choice, choice.op, Vec::new(), choice.clock) };
            }
        }
    }

    /// Gives a node that is read from outside its number.
    fn output(&mut self, source: &mut Source<'_>, node: usize) -> usize {
        let number = self.place(source, node);
        self.outputs.push(number);
        number
    }

    /// Returns the number of a static node in the common list, where it is put with all that it reads if it is new.
    fn place(&mut self, source: &mut Source<'_>, node: usize) -> usize {
        if let Some(number) = source.at[node] {
            return number;
        }
        let members = match source.graph.cycle[node] {
            Some(id) => (0..source.at.len()).filter(|&other| source.graph.cycle[other] == Some(id)).collect(),
            None => vec![node],
        };
        let inputs = members.iter().flat_map(|&member| source.program.nodes[member].inputs.clone());
        let outer: Vec<usize> = inputs.filter(|input| !members.contains(input)).collect();
        for input in outer {
            self.place(source, input);
        }
        let form = form(source, &members);
        let first = match self.known.get(&form) {
            Some(&first) => first,
            None => {
                let first = self.program.nodes.len();
                self.known.insert(form, first);
                self.append(source, &members, first);
                first
            }
        };
        members.iter().enumerate().for_each(|(nth, &member)| source.at[member] = Some(first + nth));
        first + members.iter().position(|&member| member == node).expect("a node is one of its members")
    }

    fn append(&mut self, source: &Source<'_>, members: &[usize], first: usize) {
        for &member in members {
            let node = &source.program.nodes[member];
            let number = |&input: &usize| match members.iter().position(|&other| other == input) {
                Some(nth) => first + nth,
                None => source.at[input].expect("inputs are placed first"),
            };
            let inputs = node.inputs.iter().map(number).collect();
            let clock = self.clock(source.program.clocks[node.clock]);
            self.program.nodes.push(copy(node, node.op, inputs, clock));
        }
    }

    fn clock(&mut self, interval_ms: i64) -> usize {
        let clocks = &mut self.program.clocks;
        clocks.iter().position(|&known| known == interval_ms).unwrap_or_else(|| {
            clocks.push(interval_ms);
            clocks.len() - 1
        })
    }

    /// Splits off what waits for the book, with each node's number there.
    fn own(&mut self, source: &mut Source<'_>, wanted: &[usize]) -> Option<(Own, Vec<Option<usize>>)> {
        let program = source.program;
        let late: Vec<usize> = (0..program.nodes.len()).filter(|&node| source.graph.live(node) && source.graph.by_row[node]).collect();
        if late.is_empty() {
            return None;
        }
        let mut early: Vec<usize> = late.iter().flat_map(|&node| program.nodes[node].inputs.clone()).collect();
        early.retain(|&node| !source.graph.by_row[node]);
        early.sort_unstable();
        early.dedup();
        let mut at = vec![None; program.nodes.len()];
        early.iter().chain(&late).enumerate().for_each(|(number, &node)| at[node] = Some(number));
        let mut nodes = Vec::with_capacity(early.len() + late.len());
        for &node in &early {
            let source_node = &program.nodes[node];
            let op = match source_node.op {
                Op::Const(_) => source_node.op,
                _ => Op::Shared(self.output(source, node)),
            };
            // What a row reads stands on the base clock.
            nodes.push(copy(source_node, op, Vec::new(), 0));
        }
        for &node in &late {
            let source_node = &program.nodes[node];
            let inputs = source_node.inputs.iter().map(|&input| at[input].expect("what a live node reads is listed")).collect();
            nodes.push(copy(source_node, source_node.op, inputs, source_node.clock));
        }
        let outputs = wanted.iter().filter(|&&node| source.graph.by_row[node]).filter_map(|&node| at[node]).collect();
        let program = Program {
            kind: program.kind.clone(),
            interval_ms: program.interval_ms,
            rows: program.rows,
            clocks: program.clocks.clone(),
            rebalance: None,
            nodes,
            targets: Vec::new(),
            entries: Vec::new(),
            legs: Vec::new(),
            orders: Vec::new(),
            symbols: program.symbols.clone(),
        };
        Some((Own { program, outputs }, at))
    }
}

fn copy(node: &Node, op: Op, inputs: Vec<usize>, clock: usize) -> Node {
    Node { name: node.name.clone(), op, inputs, f: node.f.clone(), s: node.s.clone(), clock, only: node.only, warmup: Warmup::default() }
}

/// Returns what a node, or a state loop, does and reads, as bytes: equal bytes, equal outputs.
fn form(source: &Source<'_>, members: &[usize]) -> Vec<u8> {
    let mut form = Vec::new();
    let mut word = |x: u64| form.extend_from_slice(&x.to_le_bytes());
    word(members.len() as u64);
    for &member in members {
        let node = &source.program.nodes[member];
        word(source.program.clocks[node.clock] as u64);
        word(node.only.map_or(0, |asset| asset as u64 + 1));
        for text in [&node.name, &node.s] {
            word(text.len() as u64);
            text.bytes().for_each(|byte| word(u64::from(byte)));
        }
        word(node.f.len() as u64);
        node.f.iter().for_each(|x| word(x.to_bits()));
        word(node.inputs.len() as u64);
        for &input in &node.inputs {
            match members.iter().position(|&other| other == input) {
                Some(nth) => word(nth as u64 * 2 + 1),
                None => word(source.at[input].expect("inputs are placed first") as u64 * 2),
            }
        }
    }
    form
}
