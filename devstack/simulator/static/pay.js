// Conveniences only; the page works without any of this.

const countdown = document.querySelector("[data-deadline]");
if (countdown) {
  const deadline = Number(countdown.dataset.deadline) * 1000;
  const pad = (number) => String(number).padStart(2, "0");
  countdown.title = countdown.textContent;
  const tick = () => {
    const left = Math.floor((deadline - Date.now()) / 1000);
    if (left < 0) return;
    const hours = Math.floor(left / 3600);
    countdown.textContent =
      `${pad(hours)}:${pad(Math.floor((left % 3600) / 60))}:${pad(left % 60)}`;
  };
  tick();
  setInterval(tick, 1000);
}

for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) break;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  });
}

// The payment may move on elsewhere: in a bank's app, by the clock, over the control API.
const page = document.querySelector("[data-state-url]");
setInterval(async () => {
  const answer = await fetch(page.dataset.stateUrl).catch(() => null);
  if (!answer?.ok) return;
  const { view } = await answer.json();
  if (view !== page.dataset.view) location.reload();
}, 2000);
