/**
 * A reward that makes "I don't know" worth more than a wrong answer: correct +1, abstaining 0, anything else −1.
 *
 * The answer slot as a whole must abstain: `<answer>I don't know</answer>`. A phrase somewhere in the text does not, nor does
 * an answer with a hedge, `<answer>4, but I don't know</answer>`, nor does a missing or unreadable answer.
 *
 * Abstaining pays where the chance of being right is below (abstain − wrong) / (correct − wrong), one half by default.
 */
import { RlvrError } from "../../errors.ts";
import { answerTag, type Extract } from "../answer-tag.ts";
import { textKey } from "../math/text.ts";
import { graded, type Verdict, type Verifier } from "../verdict.ts";
import { checkNumberOption } from "./number-option.ts";
import { tooLong } from "./row-answer.ts";

export interface AbstainOptions {
  /** Does the answer slot abstain? By default, one of a few English phrases, whatever its case and punctuation. */
  readonly abstains?: (answer: string) => boolean;
  /** Where the answer slot is: the answer tag, by default. The same as that of the verifier. */
  readonly extract?: Extract;
  readonly correct?: number;
  readonly abstain?: number;
  readonly wrong?: number;
}

const PHRASES: ReadonlySet<string> = new Set(
  ["I don't know", "I do not know", "I am not sure", "I'm not sure", "don't know", "not sure", "unsure", "abstain"].map(
    textKey,
  ),
);

/** "I don't know" and its like, as a whole; apostrophes of either kind. */
export function saysUnknown(answer: string): boolean {
  return PHRASES.has(textKey(answer));
}

/**
 * Whether the slot abstains or not, `verifier` is asked first: where "unknown" is the right answer, it is right. An
 * abstention is graded whatever becomes of the verifier; any other completion that it cannot grade stays not graded.
 */
export function abstainReward<Row>(verifier: Verifier<Row>, options: AbstainOptions = {}): Verifier<Row> {
  const { abstains = saysUnknown, extract = answerTag, correct = 1, abstain = 0, wrong = -1 } = options;
  for (const [name, reward] of Object.entries({ correct, abstain, wrong })) checkNumberOption(name, reward);
  if (!(wrong <= abstain && abstain <= correct && wrong < correct)) {
    const given = `wrong ${wrong}, abstain ${abstain}, correct ${correct}`;
    throw new RlvrError(
      "E_VERIFIER",
      `the rewards are ${given}, expected wrong ≤ abstain ≤ correct and wrong < correct`,
    );
  }
  return async (completion, row, context) => {
    const extracted = extract(completion);
    const slot = extracted.found && tooLong(extracted.answer) === null ? extracted.answer : null;
    const abstained = slot !== null && abstains(slot);
    const metrics = { abstained: abstained ? 1 : 0 };
    const verdict = await settled(() => verifier(completion, row, context), abstained);
    if (verdict?.status === "graded" && verdict.outcome === "correct") {
      return { ...verdict, reward: correct, metrics: { ...verdict.metrics, ...metrics, abstained: 0 } };
    }
    if (abstained || verdict === null) return graded(abstain, "partial", slot, "abstained", metrics);
    if (verdict.status === "not-graded") return verdict;
    return { ...verdict, reward: wrong, metrics: { ...verdict.metrics, ...metrics } };
  };
}

/** The verdict; null where an abstention is before a verifier that throws: its reward does not hang on that fault. */
async function settled(verify: () => Verdict | Promise<Verdict>, abstained: boolean): Promise<Verdict | null> {
  try {
    return await verify();
  } catch (error) {
    if (!abstained) throw error;
    return null;
  }
}
