// A signature drawn with finger, pen or mouse becomes a PNG in a hidden field; a typed name stays as the other way.
import SignaturePad from "signature_pad";

export function start(box) {
  const canvas = box.querySelector("canvas");
  const field = box.querySelector("input[type=hidden]");
  const pad = new SignaturePad(canvas, { penColor: "#10211f", minWidth: 0.8, maxWidth: 2.6 });
  const fit = () => {
    const strokes = pad.toData();
    const ratio = Math.max(window.devicePixelRatio || 1, 1);
    canvas.width = canvas.offsetWidth * ratio;
    canvas.height = canvas.offsetHeight * ratio;
    canvas.getContext("2d").scale(ratio, ratio);
    pad.clear();
    pad.fromData(strokes);
  };
  pad.addEventListener("endStroke", () => { field.value = pad.toDataURL("image/png"); });
  box.querySelector("[data-clear]")?.addEventListener("click", () => {
    pad.clear();
    field.value = "";
  });
  window.addEventListener("resize", fit);
  fit();
}
