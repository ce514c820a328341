/** The process in which `judgeApart` lets a verifier run: a task's name comes as argument, rows and completions as messages. */
import { loadTask } from "../rollout/index.ts";
import { judgeHere } from "./judging.ts";
import { type Question, READY, type Reply } from "./judging-apart.ts";

const { judge } = judgeHere(await loadTask(process.argv[2] as string));

process.on("message", async ({ id, row, completion }: Question) => {
  const reply: Reply = { id, ...(await judge(row, completion)) };
  process.send?.(reply);
});
process.on("disconnect", () => process.exit());
process.send?.(READY);
