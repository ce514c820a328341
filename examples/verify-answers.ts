/**
 * A web service that checks answers: text in, verdict out. It loads no model and no TensorFlow.js.
 *
 *   node --conditions=rlvr-source examples/verify-answers.ts
 *
 * asks itself four times and prints what follows; with a port as argument, it stays and serves.
 *
 *   correct    1  equals 3/8
 *   correct    1  equals 3/8
 *   incorrect  0  is 19/50, expected 3/8
 *   unparsed   0  0 <answer> and 0 </answer> after the reasoning, expected one of each
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { answerTag, exactNumber, type Graded } from "rlvr/verifiers";
import { z } from "zod";

const Body = z.strictObject({ completion: z.string(), answer: z.string() });
const verify = exactNumber(answerTag);

const server = createServer(async (request, response) => {
  const body = Body.safeParse(JSON.parse(await text(request)));
  const [status, reply] = body.success
    ? [200, await verify(body.data.completion, body.data)]
    : [400, { error: z.prettifyError(body.error) }];
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(reply));
});

const port = Number(process.argv[2] ?? 0);
server.listen(port, async () => {
  if (port !== 0) return;
  const url = `http://localhost:${(server.address() as AddressInfo).port}`;
  for (const answer of ["<answer>3/8</answer>", "<answer>0.375</answer>", "<answer>0.38</answer>", "3/8"]) {
    const body = JSON.stringify({ completion: `<think>a piece of the cake</think>${answer}`, answer: "3/8" });
    const { outcome, reward, reason } = (await (await fetch(url, { method: "POST", body })).json()) as Graded;
    console.log(`${outcome.padEnd(9)}  ${reward}  ${reason}`);
  }
  server.close();
});
