import { openBox } from "./open.ts"; import { cpuMsOf, family } from "./processes.ts";
import { DEFAULT_LIMITS as limits } from "./limits.ts";
const job={kind:"calls",language:"javascript",code:"function f(n){let s=0;for(let i=0;i<n;i++)s+=i;return s}",entry:"f",limits,calls:[1,2,3].map(n=>({id:"q"+n,args:[n]}))} as const;
const box=await openBox({languages:["javascript"],slots:1, runtime: (process.argv[2] ?? "isolated-vm") as any}); await box.run(job); await box.run(job);
const slot=family(process.pid)[1]!;
for(let k=0;k<4;k++){ const c0=cpuMsOf(slot)!, p0=process.cpuUsage(), t=performance.now(); const lat: number[]=[]; for(let i=0;i<200;i++){const s=performance.now(); await box.run(job); lat.push(performance.now()-s);} const p=process.cpuUsage(p0); lat.sort((a,b)=>a-b); console.log("slot cpu ms/job",((cpuMsOf(slot)!-c0)/200).toFixed(2),"parent",((p.user+p.system)/200e3).toFixed(2),"wall",((performance.now()-t)/200).toFixed(2),"p50",lat[100]!.toFixed(1),"min",lat[0]!.toFixed(1)); }
await box.close();
