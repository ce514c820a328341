/** What `check` says of a task. */

/** Each broken clause of the contract, or a remark on something that may be meant, belongs to one of these. */
export const CHECKS = {
  rows: "rows fit the schema",
  ids: "ids are unique in their split",
  prompts: "every row has a prompt",
  determinism: "rows, prompts and verdicts are the same twice",
  cases: "cases have their rewards; one is right, one wrong, one unparsed",
  solution: "solutions get full reward",
  mutations: "changed solutions do not",
  hostile: "hostile texts are graded, soon",
  splits: "no eval prompt is a train prompt",
  duplicates: "prompts do not repeat within a split",
  leak: "prompts do not hold their answers",
  guessing: "no constant answer earns much",
  speed: "verdicts come soon",
} as const;
export type CheckName = keyof typeof CHECKS;

export interface Finding {
  readonly check: CheckName;
  /** An error breaks the contract; a warning may be meant. */
  readonly severity: "error" | "warning";
  /** What came, and what was expected. */
  readonly message: string;
}

export interface CheckResult {
  readonly check: CheckName;
  /** skipped: there was nothing to look at. */
  readonly status: "ok" | "warning" | "error" | "skipped";
  /** What was looked at, with figures. */
  readonly seen: string;
  readonly findings: readonly Finding[];
}

/** Collects findings, and what each check has looked at. */
export class FindingLog {
  readonly #findings: Finding[] = [];
  readonly #seen = new Map<CheckName, string>();

  error(check: CheckName, message: string): void {
    this.#findings.push({ check, severity: "error", message });
  }

  warning(check: CheckName, message: string): void {
    this.#findings.push({ check, severity: "warning", message });
  }

  saw(check: CheckName, what: string): void {
    this.#seen.set(check, what);
  }

  /** In the order of `CHECKS`. */
  results(): CheckResult[] {
    return (Object.keys(CHECKS) as CheckName[]).map((check) => {
      const findings = this.#findings.filter((one) => one.check === check);
      const seen = this.#seen.get(check);
      const worst = findings.some(({ severity }) => severity === "error") ? "error" : "warning";
      const status = findings.length > 0 ? worst : seen === undefined ? "skipped" : "ok";
      return { check, status, seen: seen ?? "", findings };
    });
  }
}
