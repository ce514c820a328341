/**
 * Four kernels for the WebAssembly backend of TensorFlow.js 4.22, made of its other ones:
 *
 *   UnsortedSegmentSum   it has none, and the gradient of a gather needs it
 *   Cast                 its own stores a number as a truth value as it is: 2 becomes 2, -1.7 becomes 255
 *   ClipByValue          its own turns NaN into a bound, which would hide a broken loss
 *   Select               its own moves four bytes for a truth value of one, past the end of its memory
 */
import { type Tensor, tf } from "./tf.ts";

const BACKEND = "wasm";

type Kernel = Parameters<typeof tf.registerKernel>[0]["kernelFunc"];

/** Does nothing the second time. */
export function mendWasmKernels(): void {
  if (tf.getKernel("UnsortedSegmentSum", BACKEND)) return;
  const cast = tf.getKernel("Cast", BACKEND).kernelFunc;
  const select = tf.getKernel("Select", BACKEND).kernelFunc;
  replace("UnsortedSegmentSum", ({ inputs, attrs }) => {
    const { x, segmentIds } = inputs as { x: Tensor; segmentIds: Tensor };
    const shape = [(attrs as { numSegments: number }).numSegments, ...x.shape.slice(segmentIds.rank)];
    return tf.scatterND(segmentIds.expandDims(-1), x, shape);
  });
  replace("Cast", (call) => {
    const { x } = call.inputs as { x: Tensor };
    if (call.attrs?.dtype !== "bool" || x.dtype === "bool") return cast(call);
    return x.notEqual(tf.scalar(0, x.dtype));
  });
  replace("ClipByValue", ({ inputs, attrs }) => {
    const { clipValueMin, clipValueMax } = attrs as { clipValueMin: number; clipValueMax: number };
    return (inputs.x as Tensor).maximum(clipValueMin).minimum(clipValueMax);
  });
  replace("Select", (call) => {
    const { condition, t, e } = call.inputs as { condition: Tensor; t: Tensor; e: Tensor };
    if (t.dtype !== "bool") return select(call);
    return condition.logicalAnd(t).logicalOr(condition.logicalNot().logicalAnd(e));
  });
}

function replace(kernelName: string, kernelFunc: Kernel): void {
  const own = tf.getKernel(kernelName, BACKEND); // brings its set-up
  if (own) tf.unregisterKernel(kernelName, BACKEND);
  tf.registerKernel({ ...own, kernelName, backendName: BACKEND, kernelFunc });
}
