/** How prompts of tasks and files reach a model with a chat template, and one without. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { ChatMode } from "../../src/policy/index.ts";
import { defineTask, type Task } from "../../src/rollout/index.ts";
import { evaluate, openSession, RunSettings, readExamples, sampleModel } from "../../src/run/index.ts";
import { temporaryFolder } from "./temporary.ts";
import { echo, ONE, saveTinyModel, tinyModel } from "./tiny.ts";

const root = temporaryFolder();
let plain = "";
let chatty = "";
beforeAll(async () => {
  plain = await saveTinyModel(root);
  const model = tinyModel();
  const files = { ...model.tokenizer.files, "chat_template.jinja": TEMPLATE };
  chatty = await saveTinyModel(join(root, "chat"), { ...model, tokenizer: { ...model.tokenizer, files } });
});

/** A message ends with "?", and an answer begins after "d". */
const TEMPLATE = "{% for m in messages %}{{ m.content }}?{% endfor %}{% if add_generation_prompt %}d{% endif %}";

/** As `echo`, but asked in messages. */
const asked = defineTask({
  ...(echo as unknown as Parameters<typeof defineTask>[0]),
  prompt: () => [
    { role: "system", content: "abc" },
    { role: "user", content: "a=" },
  ],
}) as unknown as Task;

/** What the sampler is asked for one problem, as text, and what the result shows as its prompt. */
async function askedFor(model: string, task: Task, chat: ChatMode): Promise<{ sampled: string; shown: string }> {
  const session = await openSession(RunSettings.parse({ model, chat, engine: ONE }), task);
  let sampled = "";
  const sample: typeof session.sampler.sample = (requests, ...rest) => {
    sampled = session.model.tokenizer.decode(requests[0]!.prompt);
    return session.sampler.sample(requests, ...rest);
  };
  try {
    const options = { problems: 1, samples: 1, greedy: false, temperature: 1, maxTokens: 2, seed: 1 };
    const [problem] = await evaluate({ ...session, sampler: { ...session.sampler, sample } }, options);
    return { sampled, shown: problem!.prompt };
  } finally {
    await session.engine.dispose();
  }
}

describe("the setting chat", () => {
  test("auto makes a text a user message where the model has a template, and shows the text", async () => {
    expect(await askedFor(plain, echo, "auto")).toEqual({ sampled: "a=", shown: "a=" });
    expect(await askedFor(chatty, echo, "auto")).toEqual({ sampled: "a=?d", shown: "a=" });
  });

  test("off leaves the text as it is, on refuses a model without a template", async () => {
    expect(await askedFor(chatty, echo, "off")).toEqual({ sampled: "a=", shown: "a=" });
    await expect(askedFor(plain, echo, "on")).rejects.toThrow("the model has no chat template");
  });
});

describe("a task whose prompts are messages", () => {
  test("is rendered by the model's template", async () => {
    const shown = "system: abc\n\nuser: a=";
    expect(await askedFor(chatty, asked, "off")).toEqual({ sampled: "abc?a=?d", shown });
  });

  test("is refused by a model without one, with what to do", async () => {
    await expect(askedFor(plain, asked, "auto")).rejects.toMatchObject({ code: "E_TOKENIZER" });
  });

  test("sampleModel too", async () => {
    const problems = await sampleModel(
      { model: chatty, problems: 1, samples: 1, maxTokens: 2, engine: ONE },
      { task: asked },
    );
    expect(problems.map(({ prompt }) => prompt)).toEqual(["system: abc\n\nuser: a="]);
  });
});

test("readExamples takes texts and messages", async () => {
  const path = join(root, "examples.jsonl");
  const lines = [
    { prompt: "a=", completion: "a" },
    { prompt: [{ role: "user", content: "b=" }], completion: "b" },
  ];
  writeFileSync(path, lines.map((line) => JSON.stringify(line)).join("\n"));
  const session = await openSession(RunSettings.parse({ model: chatty, engine: ONE }), echo);
  await session.engine.dispose();
  const prompts = (await readExamples(path, session.model)).map(({ prompt }) => session.model.tokenizer.decode(prompt));
  expect(prompts).toEqual(["a=?d", "b=?d"]);
});
