import { OnnxEngine } from "/work/main/src/engine/onnx/onnx-engine.ts";
import { PolicyLearner } from "/work/main/src/policy/learner.ts";
import { PolicySampler } from "/work/main/src/policy/sampler.ts";
import { createWeights, initialize } from "/work/main/src/policy/weights.ts";
const c={vocabSize:32,hiddenSize:128,layers:4,heads:4,kvHeads:2,headDim:32,intermediateSize:352};
const config={...c,ropeTheta:10000,rmsNormEps:1e-6,tieEmbeddings:true,qkvBias:false,qkNorm:false,maxPositions:512,bosId:null,eosIds:[1],padId:0};
const tok:any={stopIds:[],createDecoder:()=>({push:(i:number)=>String.fromCharCode(97+i),end:()=>""})};
for(const [ex,th,slots] of JSON.parse(process.argv[2]??"[[1,1,64],[1,2,64],[2,1,32],[2,1,64],[2,1,128]]")){
  const e=new OnnxEngine({device:"cpu",executors:ex,threads:th});
  const w=createWeights(config as any);initialize(w,config as any,1);for(let i=0;i<w.flat.length;i++)w.flat[i]!*=3;
  const s=new PolicySampler(e,config as any,w,tok,slots);
  const reqs=(n:number)=>Array.from({length:n},(_,i)=>({id:""+i,prompt:Int32Array.from({length:16},(_,t)=>(i*3+t*5)%30+2),promptId:"p"+i,sampleIndex:0,maxTokens:48}));
  const opt={temperature:1,topK:0,topP:1,minP:0,seed:7,step:0,stopStrings:[]};
  await s.sample(reqs(slots*ex),opt);
  const ts=[];let out:any;for(let i=0;i<5;i++){const t=performance.now();out=await s.sample(reqs(slots*ex),opt);ts.push(performance.now()-t)}
  ts.sort((a,b)=>a-b);
  const l=new PolicyLearner(e,config as any,w,{optimizer:{beta1:.9,beta2:.99,eps:1e-8,weightDecay:0,maxGradNorm:1},microBatchTokens:2048});
  const rs=reqs(slots*ex);
  const sc=await l.score(rs.map((r,i)=>({id:r.id,tokens:Int32Array.from([...r.prompt,...out[i].tokens])})),1);
  let max=0;for(let i=0;i<rs.length;i++)for(let t=0;t<48;t++)max=Math.max(max,Math.abs(sc[i]!.logProbs[16+t]!-out[i].logProbs[t]));
  console.log("ex",ex,"th",th,"slots",slots,"med",ts[2]!.toFixed(1),"ms",(slots*ex*48/ts[2]!*1000).toFixed(0),"tok/s step",(ts[2]!/48).toFixed(2),"ms GF/s",(slots*ex*48*2*w.flat.length/ts[2]!/1e6).toFixed(0),"maxdiff",max,out[0].text.slice(0,20));
  await e.dispose();
}
