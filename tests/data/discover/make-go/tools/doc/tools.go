package mainly
