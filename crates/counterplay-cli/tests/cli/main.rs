//! The program as its users meet it.

mod analysis;
mod bounds;
mod certify;
mod folder;
mod imperfect_recall;
#[cfg(unix)]
mod inputs;
mod isolation;
#[cfg(unix)]
mod outputs;
mod readme;
mod surroundings;
mod words;

#[test]
fn console_sessions_go_as_written() {
    // Sessions leave the user's cache alone.
    let cache = tempfile::tempdir().expect("a folder for the cache");
    trycmd::TestCases::new()
        .env("XDG_CACHE_HOME", cache.path().to_string_lossy())
        .case("tests/console/*.trycmd")
        .run();
}
