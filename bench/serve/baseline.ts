/** Servers that read a body and answer a constant: what is left when nothing is verified. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import { Hono } from "hono";

const ANSWER = { rewards: [1], scores: [1], extra_logs: {} };

const plain = () =>
  createServer((incoming, outgoing) => {
    const parts: Buffer[] = [];
    incoming.on("data", (part) => parts.push(part));
    incoming.once("end", () => {
      JSON.parse(Buffer.concat(parts).toString("utf8"));
      outgoing.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(ANSWER));
    });
  });

const hono = () => {
  const app = new Hono();
  app.post("/get_reward", async (c) => {
    await c.req.json();
    return c.json(ANSWER);
  });
  return createAdaptorServer({ fetch: app.fetch });
};

const server = process.argv[2] === "hono" ? hono() : plain();
server.listen(0, "127.0.0.1", () => {
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
