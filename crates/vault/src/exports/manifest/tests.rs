use serde_json::json;

use super::*;

#[test]
fn a_cell_is_quoted_and_never_a_formula() {
    let check = |value: serde_json::Value, expected: &str| assert_eq!(cell(&value), expected);
    check(json!(null), "");
    check(json!(7), "7");
    check(json!(["101", "102"]), "101 102");
    check(json!([]), "");
    check(json!("JOHN SMITH"), "JOHN SMITH");
    check(json!("Smith, J."), "\"Smith, J.\"");
    check(json!("say \"hi\""), "\"say \"\"hi\"\"\"");
    check(json!(" a"), "\" a\"");
    check(json!("+14155550100"), "+14155550100");
    for formula in ["=1+1", "@SUM(A1)", "-1", "+1+cmd", "\tx"] {
        check(json!(formula), &format!("'{formula}"));
    }
}
