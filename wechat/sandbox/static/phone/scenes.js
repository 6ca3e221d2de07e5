// Demonstration photos, drawn on the spot: nobody needs a picture at hand to try a repair.

const WIDTH = 960;
const HEIGHT = 720;

// Returns a JPEG of a scene: "broken", "barrier" or "mended", and the category says of what; or of a "paper".
export function takePhoto(scene, category) {
  const canvas = document.createElement("canvas");
  canvas.width = WIDTH;
  canvas.height = HEIGHT;
  const pen = canvas.getContext("2d");
  const outside = ["manhole", "drain", "road"].includes(category);
  if (scene === "paper") paper(pen);
  else {
    (outside ? ground : wall)(pen);
    (outside ? manhole : pipe)(pen, scene === "mended");
  }
  if (scene === "barrier") barrier(pen);
  stamp(pen, scene);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.86));
}

function ground(pen) {
  const light = pen.createLinearGradient(0, 0, WIDTH, HEIGHT);
  light.addColorStop(0, "#a9aaa4");
  light.addColorStop(1, "#7d7f7a");
  pen.fillStyle = light;
  pen.fillRect(0, 0, WIDTH, HEIGHT);
  for (let speck = 0; speck < 1400; speck += 1) {
    pen.fillStyle = `rgb(0 0 0 / ${Math.random() * 0.14})`;
    pen.fillRect(Math.random() * WIDTH, Math.random() * HEIGHT, 3, 3);
  }
  polygon(pen, "#c9c8c0", [[0, 0], [WIDTH, 0], [WIDTH, 70], [0, 150]]);
  polygon(pen, "#8f8f88", [[0, 150], [WIDTH, 70], [WIDTH, 92], [0, 176]]);
}

function wall(pen) {
  pen.fillStyle = "#dcd8cc";
  pen.fillRect(0, 0, WIDTH, HEIGHT);
  pen.fillStyle = "#8fa99a";
  pen.fillRect(0, 430, WIDTH, 290);
  pen.fillStyle = "#5f7468";
  pen.fillRect(0, 424, WIDTH, 10);
}

function manhole(pen, mended) {
  ellipse(pen, "#55574f", 480, 410, 270, 190);
  ellipse(pen, mended ? "#3f423d" : "#0f100f", 480, 405, 240, 166);
  if (mended) {
    pen.strokeStyle = "#6f736b";
    pen.lineWidth = 12;
    for (let row = -120; row <= 120; row += 48) {
      const half = 225 * Math.sqrt(1 - (row / 166) ** 2);
      pen.beginPath();
      pen.moveTo(480 - half, 405 + row);
      pen.lineTo(480 + half, 405 + row);
      pen.stroke();
    }
    return;
  }
  polygon(pen, "#4a4d47", [[250, 370], [330, 270], [470, 244], [450, 330], [520, 380], [420, 430], [400, 520], [290, 480]]);
  polygon(pen, "#5c6059", [[470, 244], [640, 280], [600, 330], [450, 330]]);
  crack(pen, [[650, 300], [720, 250], [760, 262], [840, 190]]);
  crack(pen, [[690, 500], [770, 560], [800, 640]]);
}

function pipe(pen, mended) {
  pen.fillStyle = "#b9bdb8";
  pen.fillRect(150, 130, 660, 54);
  pen.fillRect(640, 130, 54, 590);
  pen.fillStyle = "#8b908a";
  pen.fillRect(150, 168, 660, 16);
  pen.fillRect(400, 112, 96, 90);
  if (mended) {
    pen.fillStyle = "#1f6f9c";
    pen.fillRect(410, 118, 76, 78);
    return;
  }
  ellipse(pen, "rgb(92 88 66 / 55%)", 450, 330, 150, 120);
  ellipse(pen, "rgb(62 116 150 / 80%)", 460, 668, 240, 34);
  pen.fillStyle = "#3d7ea6";
  for (const [x, y] of [[446, 220], [462, 300], [438, 390], [456, 480], [448, 570]]) {
    ellipse(pen, "#3d7ea6", x, y, 9, 17);
  }
}

// A paper on a table, of no particular kind.
function paper(pen) {
  pen.fillStyle = "#8a6b4a";
  pen.fillRect(0, 0, WIDTH, HEIGHT);
  polygon(pen, "#fdfbf3", [[210, 60], [760, 80], [740, 640], [190, 620]]);
  pen.fillStyle = "#9b1c1c";
  pen.font = "bold 54px sans-serif";
  pen.fillText("样　张", 390, 170);
  pen.fillStyle = "#b9b4a4";
  for (let line = 230; line < 520; line += 48) pen.fillRect(260, line, 420, 10);
  ellipse(pen, "rgb(200 40 30 / 55%)", 620, 540, 70, 70);
}

function barrier(pen) {
  for (const x of [130, 480, 830]) {
    polygon(pen, "#d5521b", [[x - 62, 650], [x, 400], [x + 62, 650]]);
    polygon(pen, "#fbf7ee", [[x - 40, 560], [x - 26, 505], [x + 26, 505], [x + 40, 560]]);
    pen.fillStyle = "#8f3209";
    pen.fillRect(x - 82, 648, 164, 26);
  }
  for (let x = 0; x < WIDTH; x += 80) {
    polygon(pen, (x / 80) % 2 ? "#f6f2e8" : "#c8321f", [[x, 456], [x + 80, 456], [x + 80, 486], [x, 486]]);
  }
}

function stamp(pen, scene) {
  const what = { broken: "报修照片", barrier: "现场已防护", mended: "处理后", paper: "证件" }[scene];
  pen.fillStyle = "rgb(0 0 0 / 62%)";
  pen.fillRect(0, HEIGHT - 58, WIDTH, 58);
  pen.fillStyle = "#fff";
  pen.font = "30px sans-serif";
  pen.fillText(`演示照片　${what}　${new Date().toLocaleString("zh-CN", { timeZone: "Asia/Shanghai" })}`, 24, HEIGHT - 19);
}

function polygon(pen, colour, points) {
  pen.fillStyle = colour;
  pen.beginPath();
  points.forEach(([x, y], place) => (place ? pen.lineTo(x, y) : pen.moveTo(x, y)));
  pen.closePath();
  pen.fill();
}

function ellipse(pen, colour, x, y, wide, high) {
  pen.fillStyle = colour;
  pen.beginPath();
  pen.ellipse(x, y, wide, high, 0, 0, 2 * Math.PI);
  pen.fill();
}

function crack(pen, points) {
  pen.strokeStyle = "#3a3b38";
  pen.lineWidth = 7;
  pen.beginPath();
  points.forEach(([x, y], place) => (place ? pen.lineTo(x, y) : pen.moveTo(x, y)));
  pen.stroke();
}
