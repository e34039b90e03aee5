//! The node catalogue: one small file a node (or a family of one formula), one line here.
use super::node::Kind;

/// Every node that works on one asset's own rows, in the order of the documentation.
pub static KINDS: &[&[Kind]] = &[];

/// Returns the catalogue entry of that name.
pub fn find(name: &str) -> Option<&'static Kind> {
    KINDS.iter().flat_map(|family| family.iter()).find(|kind| kind.name == name)
}
