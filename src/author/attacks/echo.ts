/** The prompt given back: what stands in it must not be taken for an answer. */
import { type Family, inLayout } from "../attack.ts";

export const ECHO: Family = {
  name: "echo",
  summary: "the prompt as an answer, its examples and its numbers too",
  attacks: [
    {
      name: "the prompt",
      why: "Repeating the prompt is right: a tag or a formula in it counts as the answer.",
      accepts: "none",
      blind: "prompt",
      texts: (input) => {
        const { prompt } = input;
        return [prompt, prompt + prompt, `${prompt}\n${inLayout(input, "")}`, prompt.split("\n").at(-1) as string];
      },
    },
    {
      name: "the prompt in the place of the answer",
      why: "The unevaluated question is equal to its answer.",
      accepts: "none",
      blind: "prompt",
      texts: (input) => [input.prompt, input.prompt.replace(/[\s=:?]+$/, "")].map((text) => inLayout(input, text)),
    },
    {
      name: "a number of the prompt",
      why: "The answer often is a number that stands in the prompt.",
      accepts: "none",
      blind: "prompt",
      texts: (input) =>
        [...new Set(input.prompt.match(/\d+(?:\.\d+)?/g))].slice(0, 4).map((number) => inLayout(input, number)),
    },
  ],
};
