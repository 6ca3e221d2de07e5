// Photos: taking a drawn one, choosing a file, and showing what was taken.

import { button, el, unique } from "./dom.js";
import { takePhoto } from "./scenes.js";

const MOST = 3;

// A field for up to three photos; each is uploaded when it is taken and shown as a thumbnail.
export function photosField(wanted, shell) {
  const taken = [];
  const strip = el("div", { class: "thumbnails" });
  const chooser = el("input", { type: "file", accept: "image/*", id: unique("file"), class: "file" });
  const album = el("label", { for: chooser.id, class: "button" }, "从相册选");
  const camera = button("拍一张", () => add(() => takePhoto(wanted.scene ?? "broken", wanted.category)), {
    class: "secondary", "aria-describedby": wanted.errorId,
  });
  const node = el("fieldset", { class: "field photos" },
    el("legend", {}, wanted.label), el("div", { class: "row" }, camera, chooser, album), strip);
  const field = { node, value: () => taken.map((photo) => photo.id) };

  async function add(take) {
    field.complain("");
    if (taken.length >= MOST) {
      field.complain(`最多${MOST}张照片，先删掉一张再拍。`);
      return;
    }
    camera.disabled = chooser.disabled = true;
    try {
      const blob = await take();
      const { id } = await shell.api.upload(blob);
      show({ id, address: URL.createObjectURL(blob) });
    } catch (problem) {
      field.complain(problem.message);
    } finally {
      camera.disabled = chooser.disabled = false;
    }
  }

  function show(photo) {
    taken.push(photo);
    const words = `第${taken.length}张照片`;
    const remove = button("删", () => {
      taken.splice(taken.indexOf(photo), 1);
      URL.revokeObjectURL(photo.address);
      frame.remove();
      camera.focus();
    }, { "aria-label": `删掉${words}`, class: "remove" });
    const frame = el("figure", { class: "thumbnail" }, el("img", { src: photo.address, alt: words }), remove);
    strip.append(frame);
  }

  chooser.addEventListener("change", () => {
    const [file] = chooser.files;
    if (file) add(async () => file).then(() => { chooser.value = ""; });
  });
  return field;
}

// Thumbnails of kept photos; a tap shows one large.
export function thumbnails(shell, photos) {
  if (!photos.length) return null;
  return el("div", { class: "thumbnails" }, photos.map((photo) => thumbnail(shell, photo)));
}

const PHASES = { report: "报修时的照片", before: "处理前的照片", after: "处理后的照片" };

function thumbnail(shell, photo) {
  const words = PHASES[photo.phase] ?? "现场照片";
  const image = el("img", { alt: words });
  const open = button("", () => shell.sheet(words, [el("img", { class: "large", src: image.src, alt: words })]), {
    class: "thumbnail", "aria-label": `放大看：${words}`, "data-key": `photo-${photo.id}`,
  });
  open.append(image);
  shell.api.photo(photo.id).then((address) => { image.src = address; }).catch(() => open.replaceWith(missing()));
  return open;
}

function missing() {
  return el("p", { class: "hint", id: unique("missing") }, "照片没有打开，等会儿再看。");
}
