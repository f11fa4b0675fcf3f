// The fonts of the reader's system, instead of a third of a megabyte of ours.
import theme from 'vitepress/theme-without-fonts';
import './style.css';

export default theme;
