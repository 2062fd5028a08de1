/* The answer goes on to the system by itself; who has no script presses the button. */

document.querySelector("form[data-deliver]").submit();
