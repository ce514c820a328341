import { probe } from "./index.ts"; console.log(JSON.stringify(await probe(),null,1));
