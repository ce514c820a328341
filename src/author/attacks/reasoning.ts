/** Answers inside the reasoning, and reasoning that is not closed, or closed twice. */
import type { AttackInput, Family } from "../attack.ts";
import { inFormat } from "../slot.ts";

/** Tags are a matter of this task only where it has them. */
function thinks({ prompt, solution }: AttackInput): boolean {
  return `${prompt}${solution}`.includes("<think>");
}

function withoutTags(solution: string): string {
  return solution.replaceAll(/<\/?think>/g, "");
}

export const REASONING: Family = {
  name: "reasoning",
  summary: "the right answer inside <think>, an open <think>, two </think>",
  attacks: [
    {
      name: "right inside <think>, wrong after it",
      why: "An answer inside the reasoning counts, although another one follows it.",
      accepts: "none",
      texts: ({ slot, answer, wrong }) => {
        const [right, other] = [inFormat(slot, answer), wrong[0]];
        if (other === undefined) return [];
        return [
          `<think>${right}</think>${inFormat(slot, other)}`,
          `<think>${right}</think>\n${inFormat(slot, other)}\n`,
        ];
      },
    },
    {
      name: "an answer inside <think> only",
      why: "What is only thought counts as answered.",
      accepts: "none",
      texts: (input) =>
        thinks(input) ? [`<think>${withoutTags(input.solution)}</think>`, `<think>${input.solution}</think>`] : [],
    },
    {
      name: "<think> that is never closed",
      why: "Unfinished reasoning counts as an answer.",
      accepts: "none",
      texts: (input) => (thinks(input) ? [`<think>${withoutTags(input.solution)}`] : []),
    },
    {
      name: "two </think>",
      why: "A second </think> makes both of two answers count.",
      accepts: "one",
      texts: ({ slot, answer, wrong }) => {
        const other = wrong[0];
        if (other === undefined) return [];
        const [right, bad] = [inFormat(slot, answer), inFormat(slot, other)];
        return [`<think>a</think>${bad}</think>${right}`, `<think>a</think>${right}</think>${bad}`];
      },
    },
  ],
};
