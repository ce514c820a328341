import { defineConfig } from "vitest/config";

/** Files that compute with tensors and share a process: loading TensorFlow.js for each took a quarter of their time. */
const TENSORS = ["test/grpo/**/*.test.ts", "test/policy/**/*.test.ts", "test/ppo/**/*.test.ts"];

export default defineConfig({
  // tests, tasks and examples import "rlvr/task" and get the sources
  resolve: { conditions: ["rlvr-source"] },
  ssr: { resolve: { conditions: ["rlvr-source", "node"] } },
  test: {
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: "forks",
    maxWorkers: 2,
    projects: [
      { extends: true, test: { name: "tensors", include: TENSORS, isolate: false } },
      { extends: true, test: { name: "rest", include: ["test/**/*.test.ts"], exclude: TENSORS } },
    ],
  },
});
