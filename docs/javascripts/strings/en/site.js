// The words of what every page may have: figures, and code to copy.

export const copy = "Copy";
export const copied = "Copied";
export const figureFailed = "This figure could not be loaded. Its numbers are in the table below.";
export const figureKeys = "Arrow keys read it point by point.";
export const been = "You have been here.";
export const remember = "Remember which lessons I have read, in this browser alone";
