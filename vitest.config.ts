import { defineConfig } from "vitest/config";

const source = { resolve: { conditions: ["rlvr-source"] }, ssr: { resolve: { conditions: ["rlvr-source", "node"] } } };

export default defineConfig({
  ...source,
  test: { include: ["test/**/*.test.ts"], testTimeout: 120_000, hookTimeout: 120_000, pool: "forks", maxWorkers: 2 },
});
