/** A box for the languages that are asked for, in the strongest tier that this machine offers. */
import { RlvrError } from "../errors.ts";
import { openJavaScriptBox } from "./javascript/box.ts";
import type { Box, Job, JobResult, Language, Session, TesterJob, TesterResult } from "./job.ts";
import { TIERS, type Tier } from "./tier.ts";

export const RUNTIMES = ["isolated-vm", "quickjs", "python"] as const;
export type Runtime = (typeof RUNTIMES)[number];

export interface OpenOptions {
  readonly languages: readonly Language[];
  /** The least tier; a machine that cannot offer it is refused. Default "weak". */
  readonly minTier?: Tier;
  /** Guests that run at the same time, of each runtime. Default: one for each core. */
  readonly slots?: number;
  /** This one, instead of the best that is there. */
  readonly runtime?: Runtime;
}

/** @throws E_SANDBOX saying what is missing and what to do, where there is no such box */
export async function openBox({ languages, minTier = "weak", slots, runtime }: OpenOptions): Promise<Box> {
  const options = { minTier, ...(slots === undefined ? {} : { slots }) };
  const isPython = (language: Language) => language === "python";
  checkRuntime(languages, runtime);
  const boxes: Box[] = [];
  try {
    if (languages.some((language) => !isPython(language))) {
      boxes.push(await openJavaScriptBox(runtime && runtime !== "python" ? { ...options, runtime } : options));
    }
    if (languages.some(isPython)) {
      const { openPythonBox } = await import("./python/box.ts");
      boxes.push(await openPythonBox(options));
    }
  } catch (error) {
    await Promise.all(boxes.map((box) => box.close()));
    throw error;
  }
  const [first, ...others] = boxes as [Box, ...Box[]];
  return others.length === 0 ? first : new BoxOfBoxes([first, ...others]);
}

function checkRuntime(languages: readonly Language[], runtime: Runtime | undefined): void {
  if (languages.length === 0)
    throw new RlvrError("E_SANDBOX", "a box was asked for no language, expected at least one");
  const other = languages.find((language) => (language === "python") !== (runtime === "python"));
  if (runtime === undefined || other === undefined) return;
  throw new RlvrError("E_SANDBOX", `the runtime ${JSON.stringify(runtime)} does not run ${other}`, {
    hint: "leave the runtime out: each language gets the best that is there",
  });
}

/** Several boxes as one: each job goes to the one that knows its language. */
class BoxOfBoxes implements Box {
  readonly languages: readonly Language[];
  /** The weakest of them. Results say the tier of the box that they come from. */
  readonly tier: Tier;
  readonly #boxes: readonly Box[];

  constructor(boxes: readonly Box[]) {
    this.#boxes = boxes;
    this.languages = boxes.flatMap((box) => box.languages);
    this.tier = TIERS.find((tier) => boxes.some((box) => box.tier === tier)) as Tier;
  }

  run(job: Job, signal?: AbortSignal): Promise<JobResult> {
    return this.#boxFor(job.language).run(job, signal);
  }

  open(job: Parameters<Box["open"]>[0]): Promise<Session> {
    return this.#boxFor(job.language).open(job);
  }

  test(job: TesterJob, candidate: Session): Promise<TesterResult> {
    return this.#boxFor(job.language).test(job, candidate);
  }

  async close(): Promise<void> {
    await Promise.all(this.#boxes.map((box) => box.close()));
  }

  /** One that does not know it says so itself. */
  #boxFor(language: Language): Box {
    return this.#boxes.find((box) => box.languages.includes(language)) ?? (this.#boxes[0] as Box);
  }
}
