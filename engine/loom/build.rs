//! Sets `cfg(loom)` for this package alone: a flag for the whole build would compile the engine and all it needs once more.

fn main() {
    println!("cargo:rustc-cfg=loom");
    println!("cargo:rerun-if-changed=build.rs");
}
