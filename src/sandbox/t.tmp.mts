import { openBox } from "./open.ts";
import { DEFAULT_LIMITS as limits } from "./limits.ts";
let t=performance.now(); const T=(l:string)=>{console.log(l,(performance.now()-t).toFixed(1)); t=performance.now();};
const box = await openBox({languages:["javascript"], slots: 2, ...(process.argv[2]?{runtime:process.argv[2] as any}:{})}); T("open "+box.tier);
console.log(await box.run({kind:"calls",language:"javascript",code:"const add=(a,b)=>{console.log('hi',[1,{a:2}]); return a+b}",entry:"add",limits,calls:[{id:"a",args:[1,2]},{id:"b",args:["x",null]}]})); T("first");
const job={kind:"calls",language:"javascript",code:"function f(n){let s=0;for(let i=0;i<n;i++)s+=i;return s}",entry:"f",limits,calls:[1,2,3].map(n=>({id:"q"+n,args:[n]}))} as const;
console.log((await box.run(job)).runs.map(r=>[r.outcome,r.value,r.ms])); T("second");
await Promise.all(Array.from({length:200},()=>box.run(job))); T("200 jobs");
await Promise.all(Array.from({length:400},()=>box.run(job))); T("400 jobs");
console.log(await box.run({kind:"program",language:"javascript",code:"const rl=require('readline').createInterface({input:process.stdin});let s=0;rl.on('line',l=>s+=+l);rl.on('close',()=>console.log(s))",limits,inputs:[{id:"1",stdin:"1\n2\n3\n"}]})); T("program");
console.log(await box.run({kind:"calls",language:"typescript",code:"export async function f(x: number): Promise<number> { await null; return x*2 }",entry:"f",limits,calls:[{id:"1",args:[21]}]})); T("ts");
for (const code of ["function f(){for(;;);}","function f(){ let n=9n; for(;;) n=n*n }","function f(){return new Array(2**28).fill(0).map(x=>x)}",'function f(){return "x".repeat(2**28).split("")}',"function f(){const m=new Map();for(let i=0;;i++)m.set(i,i)}","function f(){const a=[];for(;;)a.push('x'.repeat(1e6)+a.length)}", "function f(){const a=[];for(;;)a.push(new ArrayBuffer(1e7))}","function f(){f()}","function f( {","function f(){process.exit(0)}","function f(){const l=()=>Promise.resolve().then(l);return l()}","function f(){return 9n**(9n**9n)}"]) {
 const r=await box.run({...job,code,calls:[{id:"q",args:[]}]}); const {outcome,message,ms}=r.runs[0]!; T(code+" => "+outcome+" | "+message.slice(0,150)+" "+ms.toFixed(0));
}
const s=await box.open({language:"javascript",code:"let n=0; function f(x){n+=x; if(n>5) throw new Error('big'); return n}",limits});
console.log(await s.call("f",[2]),await s.call("f",[2]),await s.call("f",[2])); await s.close(); T("session");
const c=await box.open({language:"javascript",code:"function f(x){if(x<0) throw new Error('neg'); return [x]}",limits});
console.log(await box.test({language:"javascript",tests:"assert.deepEqual(f(1),[1]); assert.throws(()=>f(-1), /neg/); console.assert(f(2)[0]===2)",entries:["f"],limits},c));
console.log(await box.test({language:"javascript",tests:"assert.deepEqual(f(1),[2]);",entries:["f"],limits},c)); T("test");
await c.close();
await box.close(); T("close");
