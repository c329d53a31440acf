// Brings the sign-in provider's answer in without a press of the button.
document.querySelector("[data-kirim-sendiri]")?.requestSubmit?.();
