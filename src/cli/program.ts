/** How people call this program: from a clone through npm, from an installed package by its name. */
export const PROGRAM = import.meta.url.endsWith(".ts") ? "npm run rlvr --" : "npx rlvr";
