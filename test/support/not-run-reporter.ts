import type { Reporter, TestModule, TestSuite, Vitest } from "vitest/node";
import type { Requirement } from "./requirements.ts";

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

interface NotRunSuite {
  readonly title: string;
  readonly tests: number;
  readonly requirements: readonly Requirement[];
}

/**
 * Ends a run with what was not run for want of something on this machine, loudly, and with one plain line of
 * counts. With CI=true, not having run is a failure: there, nobody reads the block.
 */
export default class NotRunReporter implements Reporter {
  #vitest: Vitest | undefined;

  onInit(vitest: Vitest): void {
    this.#vitest = vitest;
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const print = (text: string) => this.#vitest?.logger.log(text);
    const pattern = this.#vitest?.getGlobalTestNamePattern();
    const suites: NotRunSuite[] = [];
    const remedies = new Map<Requirement, string>();
    for (const module of modules) {
      for (const suite of module.children.allSuites()) {
        const { notRun } = suite.meta();
        // A nested suite has the mark of the one around it.
        if (notRun === undefined || isMarked(suite.parent)) continue;
        const tests = [...suite.children.allTests()].filter((test) => pattern?.test(test.fullName) ?? true);
        // Of a run that chose its tests by name, and none of these, nothing is missing.
        if (pattern !== undefined && tests.length === 0) continue;
        for (const { requirement, remedy } of notRun.missing) remedies.set(requirement, remedy);
        suites.push({
          title: `${module.project.name} ${module.relativeModuleId} > ${suite.fullName}`,
          tests: tests.length,
          requirements: notRun.missing.map(({ requirement }) => requirement),
        });
      }
    }
    const isFailure = suites.length > 0 && process.env["CI"] === "true";
    if (isFailure) process.exitCode = 1;
    if (suites.length > 0) print(notRunBlock(suites, remedies, isFailure));
    print(countsLine(countTests(modules, unhandledErrors.length)));
  }
}

function isMarked(parent: TestSuite | TestModule): boolean {
  return parent.type === "suite" && parent.meta().notRun !== undefined;
}

function notRunBlock(
  suites: readonly NotRunSuite[],
  remedies: ReadonlyMap<Requirement, string>,
  isFailure: boolean,
): string {
  const rule = "!".repeat(100);
  const tests = suites.reduce((sum, suite) => sum + suite.tests, 0);
  const lines = suites.map(
    ({ title, tests: count, requirements }) =>
      `  ${title} (${plural(count, "test")}, needs ${requirements.join(" and ")})`,
  );
  // One remedy may do for several.
  const remedyLines = [...new Set(remedies.values())].map((remedy) => {
    const cured = [...remedies].filter(([, each]) => each === remedy).map(([requirement]) => requirement);
    return `  ${cured.join(", ")}: ${remedy}`;
  });
  return [
    "",
    rule,
    `NOT RUN: ${plural(suites.length, "suite")} with ${plural(tests, "test")}, for want of something on this machine`,
    "",
    ...lines,
    "",
    "What to do:",
    ...remedyLines,
    ...(isFailure ? ["", "CI=true: this is a failure."] : []),
    rule,
    "",
  ].join("\n");
}

/** What went wrong outside of any test (a file that does not load, a hook that throws) counts as failed too. */
function countTests(modules: readonly TestModule[], unhandledErrors: number): Counts {
  const counts: Counts = { passed: 0, failed: unhandledErrors, skipped: 0 };
  for (const module of modules) {
    counts.failed += module.errors().length;
    for (const suite of module.children.allSuites()) counts.failed += suite.errors().length;
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      // Pending: the run was cut off before it.
      counts[state === "pending" ? "skipped" : state]++;
    }
  }
  return counts;
}

function countsLine({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed${skipped === 0 ? "" : `, ${skipped} skipped`}`;
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
