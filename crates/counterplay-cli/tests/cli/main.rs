//! The program as its users meet it.

mod analysis;
mod bounds;
mod folder;
mod surroundings;

#[test]
fn console_sessions_go_as_written() {
    trycmd::TestCases::new().case("tests/console/*.trycmd").run();
}
