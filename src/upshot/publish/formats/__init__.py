"""The facts in other tools' formats, as files: SARIF for code scanning, JUnit for test reports."""
