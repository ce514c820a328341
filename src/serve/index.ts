/** One verifier, every trainer: tasks as an HTTP reward server. Entry "rlvr/serve". */
export { type AppOptions, createApp, type RewardApp } from "./app.ts";
export { type ContextOptions, createContext, type Dialect, type EndpointInfo, type ServeContext } from "./context.ts";
export { VerifyReply, VerifyRequest } from "./native.ts";
export { ErrorReply, REFUSALS } from "./refusal.ts";
export { runCode } from "./run-code.ts";
export { loadServedTasks, type ServedTask, type ServedTaskOptions, serveTask } from "./served-task.ts";
export { type RewardServer, type ServerOptions, startServer } from "./server.ts";
export { ServeLimits, ServeSettings } from "./settings.ts";
export { SHIMS, type Shim, type ShimOptions, shimOf } from "./shims.ts";
