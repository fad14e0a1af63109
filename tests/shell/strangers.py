"""What strangers write where they may: in titles, labels, names and configurations."""

from __future__ import annotations

HOSTILE = (
    "::error::pwned",
    "\n::error title=pwned::pwned\n",
    "\r::warning::pwned",
    "\u2028::notice::pwned",
    "%0A::error::pwned %25%0D%0A::set-output name=held::pwned",
    "::stop-commands::pwned",
    "::add-mask::e",
    "##[error]pwned ##[add-mask]e",
    "${{ secrets.GITHUB_TOKEN }} ${{ github.token }}",
    "`code` ``more``\n```\nfence\n",
    "</details></summary><details open><summary>pwned</summary>",
    "<script>pwned</script><img src=x onerror=pwned><!-- open",
    "held<<EOF\nfalse\nEOF\nheld=pwned",
    "mark-00000000000000000000000000000000",
    "\u202edenwp\u2066\u200f\u061c\u200b",
    "| a | b |\n| - | - |\n| pwned | x |",
    "[pwned](javascript:alert(1)) ![x](https://evil.example/x.png) https://evil.example www.evil.example",
    "@acme/everyone #1 GH-2 acme/shop#3 :bomb:",
    "# pwned\n---\n> quote\n- list",
    "x" * 10_000,
    "\x1b[31m\x07\x00\x9b31m",
)
